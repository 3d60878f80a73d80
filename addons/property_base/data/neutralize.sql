-- A copy of the database writes to nobody.
UPDATE res_company
   SET property_sms_provider = NULL,
       property_sms_secret = NULL,
       property_wechat_secret = NULL,
       property_wechat_token = NULL,
       property_wechat_token_end = NULL;
